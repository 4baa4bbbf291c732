import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.batch2.jobs.export.BulkDataExportProvider;
import ca.uhn.fhir.batch2.maintenance.JobMaintenanceServiceImpl;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.HibernatePropertiesProvider;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.dao.FulltextSearchSvcImpl;
import ca.uhn.fhir.jpa.dao.IFulltextSearchSvc;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Properties;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * The smallest HAPI FHIR R4 server that exports: data in memory, on loopback, without a login.
 * Its jobs get on once a minute, and clients are told to come back after two; here both are
 * seconds.
 */
public class Hapi {
	public static void main(String[] args) throws Exception {
		var context = new AnnotationConfigApplicationContext(Config.class);
		var dao = context.getBean(IFhirSystemDao.class);
		var rest = new RestfulServer(context.getBean(FhirContext.class));
		rest.registerProviders(context.getBean(ResourceProviderFactory.class).createProviders());
		rest.registerProvider(context.getBean(IJpaSystemProvider.class));
		rest.registerProvider(context.getBean(BulkDataExportProvider.class));
		rest.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
		rest.setServerConformanceProvider(new JpaCapabilityStatementProvider(rest, dao,
			context.getBean(JpaStorageSettings.class), context.getBean(ISearchParamRegistry.class), context.getBean(IValidationSupport.class)));
		var server = new Server();
		var connector = new ServerConnector(server);
		connector.setHost("127.0.0.1");
		connector.setPort(Integer.parseInt(args[0]));
		server.addConnector(connector);
		var handler = new ServletContextHandler();
		handler.addServlet(new ServletHolder(rest), "/fhir/*");
		handler.addFilter(new FilterHolder(new Hurry()), "/*", EnumSet.of(DispatcherType.REQUEST));
		server.setHandler(handler);
		server.start();
		System.out.println("http://127.0.0.1:" + connector.getLocalPort() + "/fhir");
		server.join();
	}

	/** Hurry says to come back after a second. */
	static class Hurry extends HttpFilter {
		@Override protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
			chain.doFilter(request, new HttpServletResponseWrapper(response) {
				@Override public void addHeader(String name, String value) { super.addHeader(name, name.equalsIgnoreCase("Retry-After") ? "1" : value); }
				@Override public void setHeader(String name, String value) { super.setHeader(name, name.equalsIgnoreCase("Retry-After") ? "1" : value); }
			});
		}
	}

	@Configuration
	@Import({JpaR4Config.class, ThreadPoolFactoryConfig.class, SubscriptionChannelConfig.class, JpaBatch2Config.class, Batch2JobsConfig.class})
	static class Config {
		@Bean JpaStorageSettings storageSettings() {
			var s = new JpaStorageSettings();
			s.setEnforceReferentialIntegrityOnWrite(false);
			s.setEnforceReferentialIntegrityOnDelete(false);
			s.setResourceClientIdStrategy(JpaStorageSettings.ClientIdStrategyEnum.ANY);
			s.setReuseCachedSearchResultsForMillis(null);
			return s;
		}
		@Bean static BeanPostProcessor hurry() {
			return new BeanPostProcessor() {
				@Override public Object postProcessBeforeInitialization(Object bean, String name) {
					if (bean instanceof JobMaintenanceServiceImpl jobs) jobs.setScheduledJobFrequencyMillis(1000);
					return bean;
				}
			};
		}
		@Bean PartitionSettings partitionSettings() { return new PartitionSettings(); }
		@Bean SubscriptionSettings subscriptionSettings() { return new SubscriptionSettings(); }
		@Bean IFulltextSearchSvc fulltextSearch() { return new FulltextSearchSvcImpl(); }
		@Bean IStaleSearchDeletingSvc staleSearches() { return new StaleSearchDeletingSvcImpl(); }
		@Bean IBinaryStorageSvc binaries() { return new DatabaseBinaryContentStorageSvcImpl(); }
		@Bean DatabaseBackedPagingProvider paging() { return new DatabaseBackedPagingProvider(); }
		@Bean IResourceSupportedSvc supported(DaoRegistry daos) { return new DaoRegistryResourceSupportedSvc(daos); }
		@Bean IHSearchSortHelper sortHelper(ISearchParamRegistry params) { return new HSearchSortHelperImpl(params); }
		@Bean(name = "myResourceCountsCache") ResourceCountCache counts(IFhirSystemDao<?, ?> dao) { return ResourceCountCacheUtil.newResourceCountCache(dao); }
		@Bean DataSource dataSource() { return JdbcConnectionPool.create("jdbc:h2:mem:hapi;DB_CLOSE_DELAY=-1", "sa", ""); }

		@Primary @Bean HibernatePropertiesProvider dialect(LocalContainerEntityManagerFactoryBean factory) {
			return new HibernatePropertiesProvider() {
				@Override public org.hibernate.dialect.Dialect getDialect() { return new HapiFhirH2Dialect(); }
				@Override public DataSource getDataSource() { return factory.getDataSource(); }
			};
		}
		@Primary @Bean LocalContainerEntityManagerFactoryBean entityManagerFactory(
				ConfigurableListableBeanFactory beans, FhirContext fhir, JpaStorageSettings settings, DataSource data) {
			var factory = HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, settings);
			var p = new Properties();
			p.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
			p.put("hibernate.hbm2ddl.auto", "create");
			p.put("hibernate.search.enabled", "false");
			factory.setJpaProperties(p);
			factory.setPersistenceUnitName("HAPI_PU");
			factory.setDataSource(data);
			return factory;
		}
		@Primary @Bean JpaTransactionManager transactionManager(EntityManagerFactory factory) { return new JpaTransactionManager(factory); }
	}
}
